namespace Shop.Benchmarks.Frame;

/// <summary>One row of the suite: a question, measured beside its physical limit and its rivals.</summary>
internal interface IBenchmark
{
    /// <summary>What it is called on the command line, and what its files are called.</summary>
    string Name { get; }

    /// <summary>What is measured, against what.</summary>
    string Question { get; }

    /// <summary>How long each contender runs in each round, unless the caller says otherwise. All rows together end within an hour.</summary>
    TimeSpan Round => TimeSpan.FromSeconds(2);

    Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken);
}
