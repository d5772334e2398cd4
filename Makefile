PYTHON ?= python3
RUN := .venv/run
DEV := .venv/dev
# The tests play sound into a virtual microphone and synthesize speech.
PACKAGES := pulseaudio pulseaudio-utils libasound2-plugins libportaudio2 flite \
	festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts espeak-ng strace systemd
# They also build the detector for microcontrollers and run it on emulated boards.
FIRMWARE_PACKAGES := gcc libc6-dev gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm cppcheck
PACKAGES += $(FIRMWARE_PACKAGES)
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --root-user-action=ignore

# Data of the case studies that no package carries; case_studies/README.md tells where it comes from.
export CASES_DATA ?= ../shared/data/cases
export OMP_NUM_THREADS := 1
export ORT_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help run test check bench emulated test-arm firmware firmware-generated cases site packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN)/.stamp ## find the word in the example recordings; pictures and chimes go to out/
	mkdir -p out
	$(RUN)/bin/watchword detect examples/*.flac --plot out/probability.png --chime out/chime.wav

test: packages check ## run what CI runs: check, then every test
	$(DEV)/bin/pytest -q

check: $(DEV)/.stamp ## lint, formatting, types
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy
	for study in case_studies/*/study.py; do $(DEV)/bin/mypy $$study || exit 1; done

cases: $(DEV)/.stamp ## measure the case studies anew and write their numbers into the prose
	$(DEV)/bin/python -m case_studies --data $(CASES_DATA)

site: $(DEV)/.stamp ## build the site of studies, guides, figures and docstrings into out/site
	$(DEV)/bin/python docs/site/build.py out

bench: $(RUN)/.stamp ## measure the detector's speed on this machine
	$(RUN)/bin/watchword bench

emulated: PACKAGES := qemu-user-static
emulated: packages $(DEV)/.stamp ## compare the shipped bundle's bits on older PCs and on Raspberry Pis, emulated
	$(DEV)/bin/python -m benchmarks.emulated

test-arm: PACKAGES := qemu-user-static gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross
test-arm: packages $(DEV)/.stamp ## run the runtime's tests and a detection on an emulated Raspberry Pi 4
	$(DEV)/bin/python -m benchmarks.emulated.suite

firmware: PACKAGES := $(FIRMWARE_PACKAGES)
firmware: packages $(RUN)/.stamp ## build the microcontrollers' detector for every board, and run it on one, emulated
	$(MAKE) --silent -C firmware_sim boards
	$(RUN)/bin/watchword detect --firmware an386 examples/*.flac

firmware-generated: packages $(DEV)/.stamp ## make anew what the firmware takes from the bundle, its figures and tables
	$(DEV)/bin/watchword export-firmware --out firmware_sim/generated
	$(DEV)/bin/python -m benchmarks.firmware

packages: # Debian packages for the tests, or for another target that sets them
	@if dpkg -s $(PACKAGES) >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ]; then \
		apt-get -q -o DPkg::Lock::Timeout=600 update && \
		DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends $(PACKAGES); \
	else echo "packages are missing: sudo apt-get install $(PACKAGES)" >&2; exit 1; fi

$(RUN)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(RUN)
	$(RUN)/bin/python $(PIP_INSTALL) -e '.[plot]'
	@touch $@

$(DEV)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python $(PIP_INSTALL) -e '.[dev]'
	@touch $@
