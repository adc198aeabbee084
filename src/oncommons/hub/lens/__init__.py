"""The federation for clients of Samply Lens, such as EUCAIM's explorer."""
