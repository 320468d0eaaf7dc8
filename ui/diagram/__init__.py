"""The diagram of one step, in which the network's parts light up."""
