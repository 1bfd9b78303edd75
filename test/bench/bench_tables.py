"""
test/bench/bench_tables.py
	Markdown tables, printed row by row as the figures come in.
"""


class Table:
	"""columns: (heading, key of a row's dictionary, format of the value); a value that is absent or None stays blank."""

	def __init__(self, columns):
		self.columns = columns
		self.rows = []
		print("| " + " | ".join(heading for heading, _, _ in columns) + " |")
		print("| --- |" + " ---: |" * (len(columns) - 1), flush=True)

	def add(self, row):
		self.rows.append(row)
		cells = ["" if row.get(key) is None else form % row[key] for _, key, form in self.columns]
		print("| " + " | ".join(cells) + " |", flush=True)

	def end(self):
		print(flush=True)
		return self.rows


def megabytes(row):
	"""The row with its size in MB, where it has one."""
	return dict(row, mb=row["bytes"] / 1e6) if "bytes" in row else row
