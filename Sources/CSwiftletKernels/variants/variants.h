// The tables that this build has.
#pragma once

#include "../include/swl.h"

extern const swl_kernels swl_table_scalar, swl_table_avx2, swl_table_avx512_vnni, swl_table_avx512_bf16, swl_table_neon;
