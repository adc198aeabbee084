"""Pure decisions: may this request run, may this number leave, which duties apply."""
