"""What ./dev probe asks; runs in the private environment, where the strategies do."""
