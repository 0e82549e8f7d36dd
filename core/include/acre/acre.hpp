// SPDX-License-Identifier: MIT
// Everything. Firmware that counts compile time includes single headers instead.
#pragma once

#include <acre/allocator_ref.hpp>
#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/certified.hpp>
#include <acre/deferred.hpp>
#include <acre/fallback.hpp>
#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/lockfree_buckets.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/mutex_lock.hpp>
#include <acre/object_pool.hpp>
#include <acre/per_core_pool.hpp>
#include <acre/pool.hpp>
#include <acre/reclaiming.hpp>
#include <acre/remote_inbox.hpp>
#include <acre/size_router.hpp>
#include <acre/slab.hpp>
#include <acre/slab_cache.hpp>
#include <acre/slab_provider.hpp>
#include <acre/sources.hpp>
#include <acre/stack.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>
#include <acre/workload.hpp>
