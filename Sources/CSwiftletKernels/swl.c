#include "swl.h"
