"""The front doors: derivatives of functions, Programs of functions, and the tape with tensors."""
