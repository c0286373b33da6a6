// Real etcds, browsers and servers: one test at a time, or they starve each other on two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
