"""The accounts of readers: signing in, their pages, the audit trail."""
