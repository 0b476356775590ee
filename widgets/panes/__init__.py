"""One pane for each thing that is watched."""
