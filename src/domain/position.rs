//! Folds activities into lots, cost, realised gain and income.
