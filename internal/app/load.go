package app

import "tollgate/internal/proxy"

// Load is what the data plane holds just now, and how much of it there may be.
func (a *App) Load() proxy.Load { return a.proxy.Load() }

// Holds is how many requests hold money of a budget just now.
func (a *App) Holds() int { return a.rules.budgets.Holds() }
