"""Native code: a Program as one machine-code function, by LLVM.

Read in this order: `text` (writing LLVM's language in explicit vectors), `math` (vector exp, log, sin, ...
with stated errors), `pointwise` (each elementwise primitive over vectors), `layout` (where values lie in
memory), `schedule` (which equations share a loop nest), `kernels` (the loop nests), `memory` (the arena),
`emit` (the whole Program), `entry` (how Python calls it), `runtime` (`compile_program`).
"""
