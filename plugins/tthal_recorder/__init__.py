"""The recorder: a wrapper around any backend that writes every call into a trace (docs/read-a-trace.md)."""
