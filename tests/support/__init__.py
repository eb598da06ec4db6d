"""What several tests share."""

# Seconds to wait for a condition. Longer than anything takes on a machine busy with other things, where a
# process gets a tenth of a core, and than the five minutes until a page that failed once is tried again:
# a test that reaches it has found a hang.
PATIENCE = 420.0
