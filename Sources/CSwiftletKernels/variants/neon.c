// NEON with the dot product extension: Armv8.2 (Cortex-A76, Neoverse N1, Apple M1) and later.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#define SWL_NEON 1
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#include "table.h"
#include "variants.h"
#pragma clang attribute pop

SWL_TABLE(swl_table_neon, "neon");
#endif
