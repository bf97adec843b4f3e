//! How the process's allocator, which `main` chooses, treats memory that became free (decision 17).

use libmimalloc_sys::{mi_option_set_default, mi_option_t};

/// The option `purge_delay` (mimalloc.h, `mi_option_e`), which the bindings do not name.
const PURGE_DELAY: mi_option_t = 15;

/// Gives pages back when they become free, unless `MIMALLOC_PURGE_DELAY` in the environment says otherwise. With a delay they
/// go only when more is allocated and freed later, and after a ramp of streams that are idle from then on, nothing is.
pub fn give_back_at_once() {
    #[expect(unsafe_code, reason = "the allocator has no other way to be told; it takes this from any thread, at any time")]
    // SAFETY: the number is that of an option; one that the allocator does not have would be left alone.
    unsafe {
        mi_option_set_default(PURGE_DELAY, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purge_delay() -> std::ffi::c_long {
        #[expect(unsafe_code, reason = "the allocator cannot be asked in another way")]
        // SAFETY: it reads a number.
        unsafe {
            libmimalloc_sys::mi_option_get(PURGE_DELAY)
        }
    }

    #[test]
    fn memory_is_given_back_at_once() {
        give_back_at_once();
        assert_eq!(purge_delay(), 0);
    }

    #[test]
    fn the_environment_says_when_memory_is_given_back() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "memory::tests::with_a_delay_in_the_environment", "--ignored"]);
        let told = String::from_utf8(again.env("MIMALLOC_PURGE_DELAY", "4711").output().unwrap().stdout).unwrap();
        assert!(told.contains("1 passed"), "{told}");
    }

    #[test]
    #[ignore = "needs an environment of its own: the test above gives it one"]
    fn with_a_delay_in_the_environment() {
        assert_eq!(purge_delay(), 4711, "the number names the option");
        give_back_at_once();
        assert_eq!(purge_delay(), 4711);
    }
}
