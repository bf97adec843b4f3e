//! One type for every element of a page. Leptos gives each tag, and each set of attributes, a type of its own, and the
//! browser the machinery for each of them; here that machinery exists once.

mod internals;
mod methods;
mod value;

use leptos::prelude::{AddAnyAttr, AnyView, IntoAny, Mountable, Render, RenderEffect, RenderHtml};

use internals::{
    AnyAttribute, AnyAttributeState, AnyNode, AnyViewState, Attribute, AttributeValue, CastFrom, Cursor, IntoAnyAttribute, Node,
    Position, PositionState, Rndr, StreamBuilder,
};
pub(crate) use methods::Build;
pub(crate) use value::{Text, Value};

/// An element with its attributes and children.
pub struct Element {
    tag: Tag,
    entries: Vec<Entry>,
    /// What other crates add: event handlers, references, attributes spread over a component.
    others: Vec<AnyAttribute>,
    children: Option<AnyView>,
}

/// The element whose text this version of Leptos neither escapes nor takes over rightly.
const TEXT_AREA: &str = "textarea";

#[derive(Clone, Copy, PartialEq, Eq)]
struct Tag {
    name: &'static str,
    namespace: Option<&'static str>,
    is_void: bool,
    escapes: bool,
}

/// What an entry of an element sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An attribute, such as `href`.
    Attribute,
    /// One class, beside others.
    Class,
    /// A property of the style.
    Style,
}

struct Entry {
    kind: Kind,
    name: &'static str,
    value: Value,
}

impl Element {
    /// Leaves the text of a text area as the server wrote it: nothing within it is taken over by the browser.
    fn leave_text(&mut self) {
        if self.tag.name == TEXT_AREA {
            self.children = None;
        }
    }

    fn new(tag: Tag) -> Self {
        Self { tag, entries: Vec::new(), others: Vec::new(), children: None }
    }

    fn with(mut self, kind: Kind, name: &'static str, value: Value) -> Self {
        self.entries.push(Entry { kind, name, value });
        self
    }

    fn with_other(mut self, other: AnyAttribute) -> Self {
        self.others.push(other);
        self
    }

    fn with_children(mut self, children: AnyView) -> Self {
        self.children = Some(children);
        self
    }

    /// Whether the element can reuse the node that stands in the document, instead of making a new one.
    fn fits(&self, state: &ElementState) -> bool {
        self.tag == state.tag
            && self.children.is_some() == state.children.is_some()
            && self.others.len() == state.others.len()
            && self.entries.len() == state.entries.len()
            && self.entries.iter().zip(&state.entries).all(|(new, old)| (new.kind, new.name) == (old.kind, old.name))
    }

    /// Writes the tag that opens it, and returns what stands in it if that is given as HTML.
    fn write_start(&mut self, buffer: &mut String, extra: Vec<AnyAttribute>) -> String {
        let (mut class, mut style, mut inner) = (String::new(), String::new(), String::new());
        buffer.push('<');
        buffer.push_str(self.tag.name);
        for Entry { kind, name, value } in std::mem::take(&mut self.entries) {
            let text = match value {
                Value::Fixed(text) => text,
                Value::Live(mut follow) => follow(),
            };
            let Some(text) = text else { continue };
            match kind {
                Kind::Attribute if name == "class" => class.extend([" ", &*text]),
                Kind::Attribute if name == "style" => style.extend([&*text, ";"]),
                Kind::Attribute if text.is_empty() => buffer.extend([" ", name]),
                Kind::Attribute => AttributeValue::to_html(text.into_owned(), name, buffer),
                Kind::Class => class.extend([" ", name]),
                Kind::Style => style.extend([name, ":", &*text, ";"]),
            }
        }
        for other in std::mem::take(&mut self.others).into_iter().chain(extra) {
            other.to_html(buffer, &mut class, &mut style, &mut inner);
        }
        for (name, text) in [("class", class), ("style", style)] {
            if !text.is_empty() {
                AttributeValue::to_html(text.trim().to_owned(), name, buffer);
            }
        }
        buffer.push('>');
        inner
    }

    fn write_end(&self, buffer: &mut String) {
        buffer.extend(["</", self.tag.name, ">"]);
    }

    /// Ties attributes and children to a node that the server wrote.
    fn follow(self, node: Node, hydrate: impl FnOnce(AnyView) -> AnyViewState) -> ElementState {
        let entries = self.entries.into_iter().map(|entry| entry.attach(&node, Before::Written)).collect();
        let others = self.others.into_iter().map(|other| other.hydrate::<true>(&node)).collect();
        ElementState { tag: self.tag, entries, others, children: self.children.map(hydrate), node }
    }
}

/// What a node knows of an entry before it is attached.
enum Before {
    Nothing,
    /// The server wrote it.
    Written,
    Was(Text),
}

impl Entry {
    fn attach(self, node: &Node, before: Before) -> EntryState {
        let Self { kind, name, value } = self;
        let value = match value {
            Value::Fixed(text) => {
                let is_there = match before {
                    Before::Nothing => text.is_none(),
                    Before::Written => true,
                    Before::Was(was) => was == text,
                };
                if !is_there {
                    write(node, kind, name, &text);
                }
                State::Fixed(text)
            }
            Value::Live(mut follow) => {
                let node = node.clone();
                let is_new = matches!(before, Before::Nothing);
                let was = if let Before::Was(was) = before { Some(was) } else { None };
                let follow = move |was: Option<Text>| {
                    let text = follow();
                    if was.map_or(is_new && text.is_some(), |was| was != text) {
                        write(&node, kind, name, &text);
                    }
                    text
                };
                State::Live(RenderEffect::new_with_value(follow, was))
            }
        };
        EntryState { kind, name, value }
    }
}

fn write(node: &Node, kind: Kind, name: &str, text: &Text) {
    match (kind, text) {
        (Kind::Attribute, Some(text)) => Rndr::set_attribute(node, name, text),
        (Kind::Attribute, None) => Rndr::remove_attribute(node, name),
        (Kind::Class, Some(_)) => Rndr::add_class(&Rndr::class_list(node), name),
        (Kind::Class, None) => Rndr::remove_class(&Rndr::class_list(node), name),
        (Kind::Style, Some(text)) => Rndr::set_css_property(&Rndr::style(node), name, text),
        (Kind::Style, None) => Rndr::remove_css_property(&Rndr::style(node), name),
    }
}

/// An element as it is in the page.
pub struct ElementState {
    tag: Tag,
    node: Node,
    entries: Vec<EntryState>,
    others: Vec<AnyAttributeState>,
    children: Option<AnyViewState>,
}

struct EntryState {
    kind: Kind,
    name: &'static str,
    value: State,
}

enum State {
    Fixed(Text),
    Live(RenderEffect<Text>),
}

impl Mountable for ElementState {
    fn unmount(&mut self) {
        self.node.unmount();
    }

    fn mount(&mut self, parent: &Node, marker: Option<&AnyNode>) {
        self.node.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.node.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Node> {
        vec![self.node.clone()]
    }
}

impl Render for Element {
    type State = ElementState;

    fn build(self) -> ElementState {
        let node = Rndr::create_element(self.tag.name, self.tag.namespace);
        let entries = self.entries.into_iter().map(|entry| entry.attach(&node, Before::Nothing)).collect();
        let others = self.others.into_iter().map(|other| other.build(&node)).collect();
        let mut children = self.children.map(Render::build);
        if let Some(children) = &mut children {
            children.mount(&node, None);
        }
        ElementState { tag: self.tag, node, entries, others, children }
    }

    fn rebuild(self, state: &mut ElementState) {
        if !self.fits(state) {
            let mut new = self.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
            return;
        }
        for (entry, old) in self.entries.into_iter().zip(&mut state.entries) {
            let was = match &mut old.value {
                State::Fixed(text) => text.take(),
                State::Live(effect) => effect.take_value().flatten(),
            };
            *old = entry.attach(&state.node, Before::Was(was));
        }
        for (other, old) in self.others.into_iter().zip(&mut state.others) {
            other.rebuild(old);
        }
        if let (Some(children), Some(old)) = (self.children, &mut state.children) {
            children.rebuild(old);
        }
    }
}

impl AddAnyAttr for Element {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, attribute: NewAttr) -> Self {
        self.with_other(attribute.into_cloneable_owned().into_any_attr())
    }
}

/// Goes to the element that the server wrote.
fn enter(tag: Tag, cursor: &Cursor, position: &PositionState) -> Node {
    match position.get() {
        Position::FirstChild => cursor.child(),
        Position::Current => {}
        _ => cursor.sibling(),
    }
    let node = Node::cast_from(cursor.current());
    position.set(Position::FirstChild);
    node.unwrap_or_else(|| panic!("the document has no <{}> where the page expects one", tag.name))
}

fn leave(node: &Node, cursor: &Cursor, position: &PositionState) {
    let node: &AnyNode = node.as_ref();
    cursor.set(node.clone());
    position.set(Position::NextChild);
}

impl RenderHtml for Element {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        for entry in &mut self.entries {
            if let Value::Live(follow) = &mut entry.value {
                follow();
            }
        }
        for other in &mut self.others {
            other.dry_resolve();
        }
        if let Some(children) = &mut self.children {
            children.dry_resolve();
        }
    }

    async fn resolve(mut self) -> Self {
        let mut others = Vec::with_capacity(self.others.len());
        for other in self.others {
            others.push(other.resolve().await);
        }
        self.others = others;
        if let Some(children) = self.children {
            self.children = Some(children.resolve().await.into_any());
        }
        self
    }

    fn html_len(&self) -> usize {
        self.tag.name.len() * 2 + 5 + self.entries.len() * 16 + self.children.as_ref().map_or(0, RenderHtml::html_len)
    }

    fn to_html_with_buf(
        mut self,
        buffer: &mut String,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        let inner = self.write_start(buffer, extra);
        if !self.tag.is_void {
            buffer.push_str(&inner);
            if let Some(children) = self.children.take() {
                *position = Position::FirstChild;
                children.to_html_with_buf(buffer, position, self.tag.escapes, mark_branches, Vec::new());
            }
            self.write_end(buffer);
        }
        *position = Position::NextChild;
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        mut self,
        stream: &mut StreamBuilder,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        let mut buffer = String::with_capacity(64);
        let inner = self.write_start(&mut buffer, extra);
        buffer.push_str(&inner);
        stream.push_sync(&buffer);
        if !self.tag.is_void {
            if let Some(children) = self.children.take() {
                *position = Position::FirstChild;
                children.to_html_async_with_buf::<OUT_OF_ORDER>(stream, position, self.tag.escapes, mark_branches, Vec::new());
            }
            let mut buffer = String::new();
            self.write_end(&mut buffer);
            stream.push_sync(&buffer);
        }
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(mut self, cursor: &Cursor, position: &PositionState) -> ElementState {
        self.leave_text();
        let node = enter(self.tag, cursor, position);
        let state = self.follow(node, |children| children.hydrate::<FROM_SERVER>(cursor, position));
        leave(&state.node, cursor, position);
        state
    }

    async fn hydrate_async(mut self, cursor: &Cursor, position: &PositionState) -> ElementState {
        self.leave_text();
        let node = enter(self.tag, cursor, position);
        let children = self.children.take();
        let mut state = self.follow(node, |_| unreachable!());
        if let Some(children) = children {
            state.children = Some(children.hydrate_async(cursor, position).await);
        }
        leave(&state.node, cursor, position);
        state
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::prelude::*;

    fn html(view: impl RenderHtml) -> String {
        view.to_html()
    }

    #[test]
    fn values_are_escaped_and_what_is_absent_is_left_out() {
        let told = "a\"<&".to_owned();
        let view = view! { <p title=told hidden=true lang={None::<String>} data-label="one">"<b>"</p> };
        assert_eq!(html(view), "<p title=\"a&quot;&lt;&amp;\" hidden data-label=\"one\">&lt;b&gt;</p>");
    }

    #[test]
    fn what_stands_in_a_text_area_is_text() {
        let told = "</textarea><script>x</script>".to_owned();
        let view = view! { <textarea class="a">{told}</textarea> };
        assert_eq!(html(view), "<textarea class=\"a\">&lt;/textarea&gt;&lt;script&gt;x&lt;/script&gt;</textarea>");
    }

    #[test]
    fn classes_and_styles_come_together() {
        let view = view! { <i class="dot" class:old=true class:late=false style:inline-size="4%" style={("color", None::<String>)}></i> };
        assert_eq!(html(view), "<i class=\"dot old\" style=\"inline-size:4%;\"></i>");
    }

    #[test]
    fn elements_nest_and_void_ones_do_not_close() {
        let name = || "quantity";
        let view = view! { <label class="a">{move || name()}<input id="q" name=move || name() type="text"/></label> };
        assert_eq!(html(view), "<label class=\"a\">quantity<input id=\"q\" name=\"quantity\" type=\"text\"><!></label>");
    }
}
