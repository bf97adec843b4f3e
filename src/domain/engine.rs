//! The one writer of live truth, as a pure step.
