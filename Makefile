# Two commands matter: `make demo` and `make test`. Both do all their set-up themselves.
.PHONY: demo test bench pictures lint setup setup-test setup-bench deb bundle install uninstall purge lock guide sbom figures clean

# what the many child processes of the tests have compiled once, the next one finds
unexport PYTHONDONTWRITEBYTECODE

LISTEN ?= 127.0.0.1:8080

demo: setup  ## a running gateway on emulated modems, with the sample commune
	.venv/bin/tocsin demo --dir var/demo --listen $(LISTEN)

test: setup-test lint  ## style, types and all tests (under 6 minutes on 2 cores)
	.venv/bin/pytest -n 3 --dist worksteal -m "not bench" -rs

bench: setup-bench  ## everything long, and all figures
	.venv/bin/pytest -m bench -s tests/benchmarks tests/acceptance
	TOCSIN_FUZZ=400 .venv/bin/pytest -n 2 -m "not bench and not real_time" --hypothesis-profile explore \
	  tests
	TOCSIN_AXE=all .venv/bin/pytest -n 2 -m "real_time and not bench" tests/web

figures: setup-bench  ## the figures alone: goal, measured, ratio, on this machine
	.venv/bin/pytest -q -m bench -s tests/benchmarks

pictures: setup-test  ## the pictures of the guides, taken anew: after a change of their pages
	.venv/bin/pytest -q -m bench tests/benchmarks/test_pictures.py

lint: setup-test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

setup:
	@.ci/setup

setup-test:
	@.ci/setup test

setup-bench:
	@.ci/setup bench

sbom: setup  ## the bill of materials of an installation (CycloneDX), and what is known of it
	@mkdir -p var
	.venv/bin/python .ci/sbom > var/tocsin.cdx.json
	.venv/bin/python .ci/sbom --audit

deb: setup  ## dist/tocsin_VERSION+debN_ARCH.deb, for this architecture and this Debian
	systemd/debian/build dist

bundle: setup  ## dist/tocsin-….tar, which installs without a network
	systemd/debian/bundle dist

install: setup  ## this machine without the package: sudo make install
	systemd/debian/wheelhouse dist/wheels
	systemd/debian/install dist/wheels

uninstall:  ## undo it: sudo make uninstall; the data and the configuration stay
	systemd/debian/uninstall

purge:  ## undo it and erase the data and the configuration; backups stay: sudo make purge
	systemd/debian/uninstall --purge

guide:  ## the tables of the technician guide: faults from the tests, modems from the profiles
	.venv/bin/python -m tests.faults.table
	.venv/bin/python -m tests.faults.devices

lock:  ## after a change of the dependencies in pyproject.toml
	.venv/bin/pip install -q uv
	.venv/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --universal \
	  --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header \
	  --no-annotate -q -o requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .hypothesis var
