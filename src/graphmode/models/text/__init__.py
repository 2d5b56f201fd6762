"""Models of text: characters, words, and what they are likely to be followed by."""
