"""Images: files, colours, geometry, boxes."""
