//! What moves: the browser's replica, as signals.
