"""What sounded where: what was asked of each loudspeaker beside what it told. Pure, but for `asking`."""
