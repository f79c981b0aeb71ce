"""The Teams app package: the zip an admin uploads so that people can add the desk in Teams."""

from app.package.builder import PackageError, build

__all__ = ["PackageError", "build"]
