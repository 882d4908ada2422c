using Shop.Contracts;
using Shop.Ordering;
using Shop.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Ordering);
builder.AddOrdering();

var app = builder.Build();
app.MapServiceDefaults();
app.MapOrdering();
return await app.RunOrMigrateAsync(args);
