"""Models of trees: sentences as they are put together of words and phrases."""
