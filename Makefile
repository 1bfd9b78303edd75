.DEFAULT_GOAL := all

EXTENSION  = vectormed
EXTVERSION = 1.0
MODULE_big = vectormed

KERNELS = src/distance/kernels_scalar.o src/distance/kernels_avx2.o src/distance/kernels_neon.o
OBJS    = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

DATA       = $(wildcard src/sql/released/vectormed--*.sql src/sql/upgrade/vectormed--*--*.sql)
DATA_built = vectormed--$(EXTVERSION).sql
EXTRA_CLEAN = test/unit/unit

REGRESS        = $(sort $(notdir $(basename $(wildcard sql/*.sql))))
REGRESS_OPTS   = --load-extension=vectormed
ISOLATION      = $(sort $(notdir $(basename $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=vectormed
TAP_TESTS      = 1
PROVE_TESTS    = test/t/*.pl

# No contraction: a multiplication and an addition stay two roundings, so that
# every instruction set gives the same bits (src/distance/README.md).
PG_CPPFLAGS = -I$(srcdir)/src -ffp-contract=off
PG_CFLAGS   = -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare
SHLIB_LINK += -lm -Wl,-Bsymbolic -Wl,--version-script=$(srcdir)/src/vectormed.map

# The first five install what they need, pg_config included, and so must not
# ask it.  test/style/README.md has the rules that style checks.
.PHONY: test test-matrix test-clients demo examples style
test:
	@bash test/run.sh
test-matrix:
	@bash test/matrix/run.sh
test-clients:
	@bash test/clients/run.sh
demo:
	@bash test/demo/run.sh
examples:
	@bash examples/run
style: all
	@status=0; for check in test/style/check_*.sh; do bash $$check || status=1; done; exit $$status

PG_CONFIG ?= pg_config
PGXS := $(if $(filter test test-matrix test-clients demo examples,$(MAKECMDGOALS)),,$(shell $(PG_CONFIG) --pgxs))
include $(PGXS)
PROVE_FLAGS += -I $(srcdir)/test/perl

$(OBJS): $(wildcard $(srcdir)/src/*/*.h)

vectormed--$(EXTVERSION).sql: $(sort $(wildcard src/sql/*.sql))
	cat $^ > $@

UNIT = $(wildcard $(srcdir)/test/unit/*.c $(srcdir)/src/distance/*.c)

test/unit/unit: $(UNIT) $(wildcard $(srcdir)/test/unit/*.h $(srcdir)/src/distance/*.h)
	mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -ffp-contract=off -I$(srcdir)/src $(UNIT_CFLAGS) -o $@ $(UNIT) -lm

.PHONY: unitcheck
unitcheck: test/unit/unit
	./test/unit/unit $(UNIT_SEED)
