//! Values positions at quotes and rates.
