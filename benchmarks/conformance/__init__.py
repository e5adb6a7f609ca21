"""What people use, held against theory: `make conformance` writes docs/conformance.md."""
