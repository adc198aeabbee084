"""What any running server of ours needs: settings, logs, identity, HTTP and error mapping."""
