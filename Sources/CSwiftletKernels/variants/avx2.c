// AVX2 with FMA and F16C: Haswell (2013), Zen and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define SWL_AVX2 1
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2"))), apply_to = function)
#include "table.h"
#include "variants.h"
#pragma clang attribute pop

SWL_TABLE(swl_table_avx2, "avx2");
#endif
