// The file whose target holds the precompiled headers (precompiled.cmake).
