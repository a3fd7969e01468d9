// The reference, for any processor: plain vectors of the compiler, no instruction beyond the platform's base.
#include "table.h"
#include "variants.h"

SWL_TABLE(swl_table_scalar, "scalar");
