"""What tests share: servers, small networks, made-up pictures."""
