"""The hospital: receive, index, share and report; later also de-identify, keep and compute."""
