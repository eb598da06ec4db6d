"""The query language: parsed once into a tree, whose meaning all engines share."""
