"""What people can ask, free of any platform: request in, reply out, through ports."""
