"""Files that come with messages: from where, of which type, kept how, and handed out to whom."""
