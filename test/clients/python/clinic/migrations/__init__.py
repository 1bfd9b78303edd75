# Django looks for migrations in packages only.
