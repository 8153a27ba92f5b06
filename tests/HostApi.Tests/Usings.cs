// Tests measure allocations, and one command line writes to the working directory: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
