"""Everything that was gathered as one file, and back: `presswatch backup` and `presswatch restore`.

`made` writes the file, `placed` puts its content into folders, `manifest` says what may be in it and checks
it, `configuration` takes the files of the configuration without secrets.
"""
