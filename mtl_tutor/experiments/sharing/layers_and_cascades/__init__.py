"""Chapter "Layers and cascades": where an auxiliary task answers, stitched towers, and trees of tasks."""
