"""Lists as a town hall has them: what a file holds, which column is what, and each line read.

Pure: bytes in, lines and problems out. What becomes of them in the database is
`gateway.services.imports`. `sheet` opens CSV, XLSX, vCard and pasted text; `columns` proposes what
each column holds; `reading` makes lines of it; `matching` tells what each would change; `child`
does the two long steps in a process of its own.
"""
