"""The fields of an article besides its text: title, people, times, section, language, addresses."""
