"""What several processes compute together: sums of all ranks' tensors, all ranks' rows."""
