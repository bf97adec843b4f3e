//! Follows the engine: a snapshot plus numbered updates, through one pure reducer.
