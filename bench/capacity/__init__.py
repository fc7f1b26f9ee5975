"""How much MiSS costs at 80,000, 1.5 million and 50 million accounts: measured unit costs, a model, a simulated day.

`measure` (with `installation`, `talk`, `calls`, `hearing`, `disk`, `primitives`) measures unit costs on real
databases and writes them as `costs.Costs`.  Everything else is pure: `units` draws coefficients from them,
`flusher` simulates one process's queue, `population` says what people do, `day` lets a working day pass, `sizing`
counts machines and names what breaks first, `validation` compares the model with the bench's own rows, `page` and
`chart` write docs/scale.md.
"""
