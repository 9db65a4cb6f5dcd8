"""The wall: a screen in the meeting room, read from metres away, on for months, never touched."""
