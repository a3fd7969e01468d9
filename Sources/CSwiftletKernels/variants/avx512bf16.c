// AVX-512 with VNNI and BF16: Cooper Lake, Sapphire Rapids, Zen 4 and later.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define SWL_AVX512 1
#define SWL_AVX512_BF16 1
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c,bmi,bmi2"))), \
    apply_to = function)
#include "table.h"
#include "variants.h"
#pragma clang attribute pop

SWL_TABLE(swl_table_avx512_bf16, "avx512BF16");
#endif
