"""The national register as the open extractions tell it: files → lines → rows → what changed."""
