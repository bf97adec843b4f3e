//! Pictures of figures, as SVG that can be read on light and on dark ground.

use std::fmt;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;

/// Where the lines are drawn: left, top, right, bottom.
const FIELD: (f64, f64, f64, f64) = (64.0, 76.0, 700.0, 328.0);

/// Neither dark nor light.
const GREY: &str = "#7d8590";

/// One for each line, told apart on both grounds, and with a mark of its own.
const COLOURS: [&str; 5] = ["#2f81f7", "#2da44e", "#7d8590", "#d4572a", "#a371f7"];

/// How many lines lie across, about.
const STEPS: f64 = 4.0;

/// Figures over the same numbers across.
pub(crate) struct Chart {
    /// What is shown.
    pub title: String,
    /// What is counted across.
    pub across: String,
    /// The unit of what is counted upwards.
    pub up: String,
    /// One for each server.
    pub lines: Vec<Line>,
}

/// One server's figures.
pub(crate) struct Line {
    /// Whose.
    pub name: String,
    /// Across and up.
    pub points: Vec<(f64, f64)>,
}

impl Chart {
    fn highest(&self, of: fn(&(f64, f64)) -> f64) -> f64 {
        self.lines.iter().flat_map(|line| &line.points).map(of).fold(f64::MIN_POSITIVE, f64::max)
    }

    fn write_axes(&self, formatter: &mut fmt::Formatter<'_>, scale: &Scale) -> fmt::Result {
        let (left, _, right, bottom) = FIELD;
        let mut value = 0.0;
        while value <= scale.up_to * 1.001 {
            let y = scale.y(value);
            writeln!(
                formatter,
                r#"<line x1="{left}" y1="{y:.1}" x2="{right}" y2="{y:.1}" stroke="{GREY}" stroke-opacity="0.3"/>"#
            )?;
            writeln!(formatter, r#"<text x="{}" y="{:.1}" text-anchor="end">{}</text>"#, left - 8.0, y + 4.0, short(value))?;
            value += scale.step;
        }
        let mut numbers: Vec<f64> = self.lines.iter().flat_map(|line| &line.points).map(|point| point.0).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        for number in numbers {
            let (x, below) = (scale.x(number), bottom + 18.0);
            writeln!(formatter, r#"<text x="{x:.1}" y="{below}" text-anchor="middle">{number}</text>"#)?;
        }
        let (middle, below) = (f64::midpoint(left, right), bottom + 40.0);
        writeln!(formatter, r#"<text x="{middle}" y="{below}" text-anchor="middle">{}</text>"#, self.across)
    }

    fn write_legend(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut x = FIELD.0;
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            writeln!(formatter, r#"<circle cx="{:.0}" cy="50" r="4" fill="{colour}"/>"#, x + 4.0)?;
            writeln!(formatter, r#"<text x="{:.0}" y="54">{}</text>"#, x + 14.0, line.name)?;
            // About seven to a letter, and a gap.
            x += 34.0 + 7.0 * line.name.chars().count() as f64;
        }
        Ok(())
    }
}

impl Line {
    fn write(&self, formatter: &mut fmt::Formatter<'_>, scale: &Scale, colour: &str) -> fmt::Result {
        let places: Vec<(f64, f64)> = self.points.iter().map(|&(number, value)| (scale.x(number), scale.y(value))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(formatter, r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#, path.join(" "))?;
        for ((x, y), (number, value)) in places.iter().zip(&self.points) {
            let told = format!("{}: {} at {number}", self.name, short(*value));
            writeln!(formatter, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3.5" fill="{colour}"><title>{told}</title></circle>"#)?;
        }
        Ok(())
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = Scale::over(self.highest(|point| point.0), self.highest(|point| point.1));
        writeln!(
            formatter,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="{GREY}">"#
        )?;
        writeln!(formatter, "<title>{}, {}</title>", self.title, self.up)?;
        writeln!(
            formatter,
            r#"<text x="{}" y="26" font-size="16" font-weight="600">{}, {}</text>"#,
            FIELD.0, self.title, self.up
        )?;
        self.write_axes(formatter, &scale)?;
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            line.write(formatter, &scale, colour)?;
        }
        self.write_legend(formatter)?;
        writeln!(formatter, "</svg>")
    }
}

/// From figures to places, both axes from nothing.
struct Scale {
    across_to: f64,
    up_to: f64,
    step: f64,
}

impl Scale {
    fn over(across: f64, up: f64) -> Self {
        let step = round_step(up / STEPS);
        Self { across_to: across * 1.03, up_to: (up / step).ceil() * step, step }
    }

    fn x(&self, number: f64) -> f64 {
        FIELD.0 + (FIELD.2 - FIELD.0) * number / self.across_to
    }

    fn y(&self, value: f64) -> f64 {
        FIELD.3 - (FIELD.3 - FIELD.1) * value / self.up_to
    }
}

/// Returns the next of 1, 2, 2.5, 5, 10 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= least).unwrap_or(least)
}

/// Writes a figure without digits that say nothing.
fn short(value: f64) -> String {
    let written = format!("{value:.2}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}
